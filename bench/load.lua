-- The load: PATCH or GET (by METHOD) of user states in an order that jumps about, with a token where there is one.
local token = os.getenv("TOKEN") or "none"
local method = os.getenv("METHOD") or "GET"
local headers = { ["authorization"] = "Bearer " .. token, ["content-type"] = "application/json" }
local n = 0

request = function()
  n = n + 1
  local k = (n * 7919) % 100000
  local path = "/beta/deviceManagement/deviceShellScripts/s" .. (k % 100) .. "/userRunStates/id" .. k
  local body = '{"successDeviceCount":' .. (n % 9) .. ',"errorDeviceCount":0}'
  return wrk.format(method, path, headers, method == "PATCH" and body or nil)
end
