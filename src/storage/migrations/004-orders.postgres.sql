-- oldest program: 3
-- An index for each order that the model lists as served by one, with what the rows are looked for by before it and the
-- position after it; and one for the device states of a user.

CREATE INDEX script_by_display_name ON script (tenant, family, display_name_fold NULLS FIRST, number);
CREATE INDEX script_by_file_name ON script (tenant, family, file_name_fold NULLS FIRST, number);
CREATE INDEX script_by_run_as_account ON script (tenant, family, run_as_account, number);

CREATE INDEX health_script_by_display_name ON health_script (tenant, display_name_fold NULLS FIRST, number);
CREATE INDEX health_script_by_run_as_account ON health_script (tenant, run_as_account, number);

CREATE INDEX user_state_by_user_principal_name ON user_state (tenant, script, user_principal_name_fold NULLS FIRST, id);
CREATE INDEX user_state_by_error_device_count ON user_state (tenant, script, error_device_count, id);

CREATE INDEX device_state_by_run_state ON device_state (tenant, script, run_state, id);
CREATE INDEX device_state_by_last_state_update_date_time ON device_state (tenant, script, last_state_update_date_time, id);
CREATE INDEX device_state_by_user_state ON device_state (tenant, script, user_state NULLS FIRST, id);

CREATE INDEX health_device_state_by_detection_state ON health_device_state (tenant, health_script, detection_state, id);
CREATE INDEX health_device_state_by_last_state_update_date_time ON health_device_state (tenant, health_script, last_state_update_date_time, id);
