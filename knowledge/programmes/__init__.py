"""What a person or an employer can get or must do: rules as data, each criterion with its quotation."""
