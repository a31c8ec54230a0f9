"""The front-desk console for property-management customer service (物业客服前台)."""

__version__ = "0.1.0"
