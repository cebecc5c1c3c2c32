"""The store's pages, one module for each noun."""
