-- The objects that an event names: its target, what it changed, whose data it opened. Triggers fill it (guards/), so that an
-- event is never without its objects.
CREATE TABLE audit_objects (
    event_id TEXT NOT NULL,
    object_id TEXT NOT NULL,
    PRIMARY KEY (event_id, object_id)
);
CREATE INDEX audit_objects_of_object ON audit_objects (object_id, event_id);
