"""From the rows of a run to what people read: medians, targets, tables, a picture. Measures nothing itself."""
