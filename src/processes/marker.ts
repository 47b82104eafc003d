const installationId = /^[0-9a-f]{8,32}$/
const runId = /^[A-Za-z0-9_]{1,64}$/

/**
 * The environment variable that every process of a run inherits. Installation and run are part of
 * the name, not of the value, so that a run inside a run adds a marker and overwrites none.
 *
 * Both are kept to letters, digits and `_`: some shells drop a variable with any other name.
 */
export function markerName(installation: string, run: string): string {
  if (!installationId.test(installation))
    throw new Error(`Not an installation id: ${JSON.stringify(installation)}`)
  return `HUSKIES_RUN_${installation}_${checkedRunId(run)}`
}

/** Returns the id; throws if it has other characters, since it becomes part of a name and a path. */
export function checkedRunId(run: string): string {
  if (!runId.test(run)) throw new Error(`Not a run id: ${JSON.stringify(run)}`)
  return run
}

/** Finds the ids of the installation's runs whose markers stand in an environment. */
export function markerReader(installation: string): (environment: Buffer) => readonly string[] {
  const prefix = Buffer.from(markerName(installation, '_').slice(0, -1))
  return (environment) => {
    const runs: string[] = []
    let at = environment.indexOf(prefix)
    for (; at >= 0; at = environment.indexOf(prefix, at + prefix.length)) {
      if (at > 0 && environment[at - 1] !== 0) continue
      const end = environment.indexOf(0, at)
      const entry = environment.toString('latin1', at + prefix.length, end < 0 ? undefined : end)
      const run = entry.endsWith('=1') ? entry.slice(0, -2) : ''
      if (runId.test(run)) runs.push(run)
    }
    return runs
  }
}
