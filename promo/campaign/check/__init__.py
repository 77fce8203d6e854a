"""What a valid campaign says against what there is: channels, brands, files, tables, texts, times and sums."""

from promo.campaign.check.campaign import Checked, check_campaign, check_together

__all__ = ["Checked", "check_campaign", "check_together"]
