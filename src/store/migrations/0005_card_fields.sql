-- Custom fields that a person wants to see on cards of this Jira: their ids, separated by commas.
ALTER TABLE connections ADD COLUMN card_fields TEXT NOT NULL DEFAULT '';
