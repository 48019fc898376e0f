"""Pure functions on numbers: growth, concentration, specialisation, space, surveys."""
