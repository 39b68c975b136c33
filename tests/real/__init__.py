"""Runs on real data: the folder is named by LAYOUTPLAN_REAL_DATA; without it these tests are skipped."""
