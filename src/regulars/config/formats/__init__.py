"""How a language writes numbers and dates, where Django writes otherwise than its readers do."""
