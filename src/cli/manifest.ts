import { Problem } from '../kernel/problem.ts'
import { slackManifest } from '../transports/slack/manifest.ts'

/** `huskies manifest slack`: writes what an app is made from at the network to standard output. */
export function printManifest(network: string): number {
  if (network !== 'slack')
    throw new Problem('bad-arguments', `Only Slack wants a manifest: huskies manifest slack.`)
  process.stdout.write(`${JSON.stringify(slackManifest, null, 2)}\n`)
  return 0
}
