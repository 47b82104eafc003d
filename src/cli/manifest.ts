import { describedCommands } from '../commands/all.ts'
import { Problem } from '../kernel/problem.ts'
import { slackManifest } from '../transports/slack/manifest.ts'

/**
 * `huskies manifest slack`: writes what an app is made from at the network to standard output. With
 * an address the app sends there what happens: that of a proxy that hands it on to this program.
 */
export function printManifest(network: string, address: string | undefined): number {
  if (network !== 'slack')
    throw new Problem('bad-arguments', 'Only Slack wants a manifest: huskies manifest slack.')
  if (address !== undefined && !isAddress(address))
    throw new Problem(
      'bad-arguments',
      `"${address}" is no address that Slack can reach: give one such as https://huskies.example.org/slack.`,
    )
  const manifest = slackManifest(describedCommands(), address)
  process.stdout.write(`${JSON.stringify(manifest, null, 2)}\n`)
  return 0
}

function isAddress(text: string): boolean {
  return URL.parse(text)?.protocol === 'https:'
}
