"""The programme document, its versions and its pure evaluator."""
