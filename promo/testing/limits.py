"""The part of the contract about limits: exact at n and n + 1, and refused before a byte leaves."""

from __future__ import annotations

import math
from dataclasses import replace

from promo.testing.applies import applies
from promo.testing.example import example_picture, sized_picture, text_of
from promo.testing.suite import ConnectorSuite


class LimitContract(ConnectorSuite):
    """Each declared limit holds to the unit."""

    @applies(lambda suite: suite.capabilities.text is not None)
    def test_text_limit_is_exact(self) -> None:
        limit = self.capabilities.text
        assert limit is not None
        self.assert_published(self.request("n", text=text_of(limit.limit, limit)))
        self.assert_refused_unsent(self.request("n + 1", text=text_of(limit.limit + 1, limit)))

    @applies(lambda suite: suite.capabilities.text is not None and suite.capabilities.text.link_cost is not None)
    def test_a_link_counts_its_fixed_cost(self) -> None:
        limit = self.capabilities.text
        assert limit is not None
        assert limit.link_cost is not None
        link = " https://jinxiu.example/" + "a" * 200
        room = limit.limit - limit.link_cost - 1
        self.assert_published(self.request("n", text=text_of(room, limit) + link, link=link.strip()))
        self.assert_refused_unsent(self.request("n + 1", text=text_of(room + 1, limit) + link, link=link.strip()))

    def test_thread_limit_is_exact(self) -> None:
        parts = tuple(f"第 {number} 条" for number in range(2, self.capabilities.thread + 2))
        self.assert_published(self.request("n", thread=parts[:-1]))
        self.assert_refused_unsent(self.request("n + 1", thread=parts))

    def test_picture_count_is_exact(self) -> None:
        count = self.capabilities.images.count
        pictures = tuple(example_picture(self.tmp_path / "pictures", f"p{n}") for n in range(count + 1))
        self.assert_published(self.request("n", media=pictures[:-1]))
        self.assert_refused_unsent(self.request("n + 1", media=pictures))

    @applies(lambda suite: suite.capabilities.images.count)
    def test_a_missing_picture_is_refused(self) -> None:
        picture = example_picture(self.tmp_path / "pictures")
        picture.path.unlink()
        self.assert_refused_unsent(self.request("missing", media=(picture,)))

    @applies(lambda suite: suite.capabilities.images.count and suite.capabilities.images.max_bytes)
    def test_picture_size_is_exact(self) -> None:
        size = self.capabilities.images.max_bytes
        assert size is not None
        self.assert_published(self.request("n", media=(sized_picture(self.tmp_path / "pictures", size),)))
        self.assert_refused_unsent(self.request("n + 1", media=(sized_picture(self.tmp_path / "pictures", size + 1),)))

    @applies(lambda suite: suite.capabilities.images.count and suite.capabilities.images.max_pixels)
    def test_too_many_pixels_are_refused(self) -> None:
        pixels = self.capabilities.images.max_pixels
        assert pixels is not None
        side = math.isqrt(pixels)
        picture = example_picture(self.tmp_path / "pictures", width=side, height=side)
        self.assert_published(self.request("n", media=(picture,)))
        larger = replace(picture, width=side + 1, height=side + 1)
        self.assert_refused_unsent(self.request("n + 1", media=(larger,)))

    @applies(
        lambda s: s.capabilities.images.count and (s.capabilities.images.min_ratio or s.capabilities.images.max_ratio)
    )
    def test_a_picture_too_tall_is_refused(self) -> None:
        ratio = self.capabilities.images.min_ratio
        assert ratio is not None
        tall = example_picture(self.tmp_path / "pictures", width=int(ratio * 990), height=1000)
        self.assert_refused_unsent(self.request("tall", media=(tall,)))

    @applies(lambda s: s.capabilities.images.count and s.capabilities.images.max_ratio)
    def test_a_picture_too_wide_is_refused(self) -> None:
        ratio = self.capabilities.images.max_ratio
        assert ratio is not None
        wide = example_picture(self.tmp_path / "pictures", width=int(ratio * 1010), height=1000)
        self.assert_refused_unsent(self.request("wide", media=(wide,)))

    @applies(lambda suite: suite.capabilities.images.count and suite.capabilities.images.types)
    def test_an_unknown_picture_type_is_refused(self) -> None:
        picture = example_picture(self.tmp_path / "pictures", mime="image/x-unknown")
        self.assert_refused_unsent(self.request("type", media=(picture,)))

    @applies(lambda suite: suite.capabilities.images.count and suite.capabilities.images.alt_text)
    def test_alt_text_limit_is_exact(self) -> None:
        limit = self.capabilities.images.alt_text
        assert limit is not None
        picture = example_picture(self.tmp_path / "pictures", alt="花" * limit)
        self.assert_published(self.request("n", media=(picture,)))
        self.assert_refused_unsent(self.request("n + 1", media=(replace(picture, alt="花" * (limit + 1)),)))

    @applies(lambda suite: suite.capabilities.needs_title)
    def test_a_missing_title_is_refused(self) -> None:
        self.assert_refused_unsent(self.request("no title", title=""))

    @applies(lambda suite: suite.capabilities.needs_body)
    def test_a_missing_body_is_refused(self) -> None:
        self.assert_refused_unsent(self.request("no body", body=""))
