"""Models that can be refitted without some of their columns, cheaply."""
