"""Figures: lines, bars, points, maps, diagrams."""
