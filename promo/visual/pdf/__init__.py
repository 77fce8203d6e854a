"""Print PDFs: scenes become sheets a press takes."""
