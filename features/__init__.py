"""What is known: public facts of every municipality, indicators and factor scores."""
