DROP TABLE blind_tokens;
DROP TABLE contacts;
DROP TABLE children;
DROP TABLE households;
DROP TABLE data_keys;
