DROP TABLE goal_reviews;
DROP TABLE goals;
