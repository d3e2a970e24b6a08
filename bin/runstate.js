#!/usr/bin/env node
// Nothing here may be newer than import(): an old Node has to reach the sentence below, not a SyntaxError.
const oldest = { major: 24, minor: 15 }
const current = process.versions.node

function isTooOld(version) {
  const parts = version.split('.')
  const major = Number(parts[0])
  return major < oldest.major || (major === oldest.major && Number(parts[1]) < oldest.minor)
}

async function run() {
  const nodeModule = await import('node:module')
  nodeModule.enableCompileCache()
  const commandLine = await import('#cli/main.ts')
  process.exitCode = 1 // until main has ended: a program that stalls has not succeeded
  process.exitCode = await commandLine.main(process.argv.slice(2))
}

if (isTooOld(current)) {
  process.stderr.write(
    `runstate needs Node ${oldest.major}.${oldest.minor} or newer, and this is Node ${current}: ` +
      'install a newer one, or, in a checkout, run "npm ci" and then "npm start".\n',
  )
  process.exitCode = 1
} else {
  run()
}
