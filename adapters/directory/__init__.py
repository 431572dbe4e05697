"""The directory: people and functions of the city, their absences, and the search that finds them."""
