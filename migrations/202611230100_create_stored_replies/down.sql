DROP TABLE stored_replies;
