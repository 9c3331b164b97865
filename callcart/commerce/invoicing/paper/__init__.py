"""An invoice on paper: words, letters, and where they stand. The same content gives the same bytes."""
