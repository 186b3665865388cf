"""The compiled core. Nothing here is public: import from the package's own modules."""
