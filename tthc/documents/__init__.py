"""Documents that leave the office: spreadsheets and printed forms, as bytes; no database behind them."""
