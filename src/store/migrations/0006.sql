-- A record that moves to another day changes two days: the one that it has now, and the one that it left.
ALTER TABLE changes ADD COLUMN left_day TEXT;
