-- The load: PATCH or GET (by METHOD) of user states in an order that jumps about, of so many STATES below so many
-- SCRIPTS, with a token where there is one.
local token = os.getenv("TOKEN") or "none"
local method = os.getenv("METHOD") or "GET"
local scripts = tonumber(os.getenv("SCRIPTS") or "100")
local states = tonumber(os.getenv("STATES") or "100000")
local pattern = "/beta/deviceManagement/deviceShellScripts/s%d/userRunStates/id%d"
if os.getenv("KEYS") == "parentheses" then
  pattern = "/beta/deviceManagement/deviceShellScripts('s%d')/userRunStates('id%d')"
end
local headers = { ["authorization"] = "Bearer " .. token, ["content-type"] = "application/json" }
-- Each load begins with other values than the last: what a PATCH sets to what it is already costs less.
local shift = 4 * tonumber(os.getenv("LOAD") or "0")
local n = 0

request = function()
  n = n + 1
  local k = (n * 7919) % states
  local path = string.format(pattern, k % scripts, k)
  local body = '{"successDeviceCount":' .. ((n + shift) % 9) .. ',"errorDeviceCount":0}'
  return wrk.format(method, path, headers, method == "PATCH" and body or nil)
end
