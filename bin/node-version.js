import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The oldest Node that runs TypeScript sources as they are, and that the SQLite addon is built for. */
const needed = [22, 18]

/** Whether this very process runs on a Node that is new enough. */
export function isNewEnough(version = process.versions.node) {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major > needed[0] || (major === needed[0] && minor >= needed[1])
}

/** The Node that `npm install` puts beside the program; undefined where it is missing. */
export function localNode() {
  const path = fileURLToPath(new URL('../node_modules/node/bin/node', import.meta.url))
  return existsSync(path) ? path : undefined
}

/** What a person is told when there is no Node to go on with. */
export function advice(version = process.versions.node) {
  return `Huskies needs Node ${needed.join('.')} or newer and this is ${version}: run "npm install" in the huskies folder, which brings one along, or install a newer Node.`
}
