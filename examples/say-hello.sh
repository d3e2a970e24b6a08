#!/bin/zsh
# Says hello to whoever is signed in, and to nobody on a Mac that waits at the login window.
user=$(stat -f %Su /dev/console)
if [ "$user" = root ]; then
  echo 'Nobody is signed in.'
  exit 1
fi
echo "Hello, $user."
