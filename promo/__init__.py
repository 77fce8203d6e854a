"""Campaigns as code: check, plan, render, publish once, measure, report."""
