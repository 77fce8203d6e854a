"""What the status says of a ledger with too much to list."""

MESSAGES = {
    "… and {count} more uncertain  → promo list --state uncertain": "……另有 {count} 次投放结果不明  → promo list --state uncertain",
    "… and {count} more held  → promo list --state awaiting_approval": "……另有 {count} 次投放未按时审批而暂缓  → promo list --state awaiting_approval",
}
