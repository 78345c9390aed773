DROP INDEX children_without_name_tokens;
ALTER TABLE children DROP COLUMN token_scheme;
