-- Which tokens a child has: 0 without those of its whole name, 1 with them. A background job adds the missing ones.
ALTER TABLE children ADD COLUMN token_scheme INTEGER NOT NULL DEFAULT 0;
CREATE INDEX children_without_name_tokens ON children (service_id, id) WHERE token_scheme = 0;
