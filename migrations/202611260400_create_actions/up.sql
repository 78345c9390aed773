-- Collective actions: awareness sessions, pedagogical days, parent cafés, working groups, committees.

CREATE TABLE actions (
    id TEXT NOT NULL PRIMARY KEY,
    service_id TEXT NOT NULL REFERENCES services (id),
    kind TEXT NOT NULL,
    title TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('planned', 'held', 'cancelled')),
    held_on DATE NOT NULL,
    -- Local time of the service, HH:MM.
    starts_at TEXT,
    duration_minutes INTEGER NOT NULL CHECK (duration_minutes > 0),
    place TEXT NOT NULL,
    commune_code TEXT NOT NULL,
    -- Who organises it, by role: a kind of participant, and an organisation of the directory.
    organiser_role TEXT NOT NULL,
    organiser_id TEXT REFERENCES organisations (id),
    -- The convention under which it is delivered: of the kinds that are reserved, and of those alone.
    convention_id TEXT REFERENCES conventions (id),
    preparation_minutes INTEGER NOT NULL CHECK (preparation_minutes >= 0),
    travel_minutes INTEGER NOT NULL CHECK (travel_minutes >= 0),
    -- Places for those who register; none when there is no registration, 0 is not a number of places.
    places INTEGER CHECK (places > 0),
    registration_closes_on DATE,
    cancellation_reason TEXT,
    -- What was thought of it, sealed under the action's own key.
    evaluation_note BYTEA,
    author TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    CHECK (registration_closes_on IS NULL OR places IS NOT NULL),
    CHECK ((status = 'cancelled') = (cancellation_reason IS NOT NULL))
);
CREATE INDEX actions_held ON actions (service_id, held_on, id);
CREATE INDEX actions_updated ON actions (service_id, updated_at, id);
CREATE INDEX actions_convention ON actions (convention_id, held_on) WHERE convention_id IS NOT NULL;
CREATE INDEX actions_organiser ON actions (organiser_id) WHERE organiser_id IS NOT NULL;

CREATE TABLE action_topics (
    action_id TEXT NOT NULL REFERENCES actions (id),
    topic TEXT NOT NULL,
    PRIMARY KEY (action_id, topic)
);

-- Who speaks, by role.
CREATE TABLE action_speakers (
    action_id TEXT NOT NULL REFERENCES actions (id),
    position INTEGER NOT NULL CHECK (position >= 0),
    role TEXT NOT NULL,
    organisation_id TEXT REFERENCES organisations (id),
    PRIMARY KEY (action_id, position)
);
CREATE INDEX action_speakers_organisation ON action_speakers (organisation_id) WHERE organisation_id IS NOT NULL;

-- Who came, counted by kind and never named.
CREATE TABLE action_participants (
    action_id TEXT NOT NULL REFERENCES actions (id),
    participant_type TEXT NOT NULL,
    number INTEGER NOT NULL CHECK (number > 0),
    PRIMARY KEY (action_id, participant_type)
);

-- How satisfied those who answered were.
CREATE TABLE action_ratings (
    action_id TEXT NOT NULL REFERENCES actions (id),
    rating TEXT NOT NULL,
    number INTEGER NOT NULL CHECK (number > 0),
    PRIMARY KEY (action_id, rating)
);

-- Seats that somebody registered: an organisation or nobody in particular, and a kind of participant.
CREATE TABLE action_registrations (
    id TEXT NOT NULL PRIMARY KEY,
    service_id TEXT NOT NULL REFERENCES services (id),
    action_id TEXT NOT NULL REFERENCES actions (id),
    organisation_id TEXT REFERENCES organisations (id),
    participant_type TEXT NOT NULL,
    seats INTEGER NOT NULL CHECK (seats > 0),
    status TEXT NOT NULL CHECK (status IN ('registered', 'waiting', 'cancelled', 'attended', 'absent')),
    -- Seats of it that were taken, once attendance is noted.
    attended INTEGER CHECK (attended BETWEEN 0 AND seats),
    version INTEGER NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    CHECK ((status IN ('attended', 'absent')) = (attended IS NOT NULL))
);
CREATE INDEX action_registrations_list ON action_registrations (action_id, created_at, id);
CREATE INDEX action_registrations_organisation ON action_registrations (organisation_id) WHERE organisation_id IS NOT NULL;
