"""How much memory a workbook would take, measured before the workbook is opened."""
