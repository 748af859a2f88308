#!/bin/sh
# Gives the roles of roles.sql their passwords, from the files of compose.yaml, when PostgreSQL first starts.
set -eu
for pair in carillon_owner=owner carillon=server carillon_backup=backup; do
    psql --quiet --set=ON_ERROR_STOP=1 --set=role="${pair%%=*}" \
        --set=password="$(cat "/run/secrets/${pair##*=}-password")" <<'SQL'
ALTER ROLE :"role" PASSWORD :'password';
SQL
done
