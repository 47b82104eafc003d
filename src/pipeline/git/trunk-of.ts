import { generateWith } from '../programs/generate.ts'
import type { Programs } from '../programs/programs.ts'
import type { ProjectSettings } from '../settings.ts'
import type { Trunk } from '../trunk.ts'
import { ProposingTrunk } from './proposing-trunk.ts'
import { pullRequestsBy } from './pull-requests.ts'
import type { Remote } from './remote.ts'
import { RemoteTrunk } from './remote-trunk.ts'
import { GitTrunk, type GitTrunkOptions } from './trunk.ts'

export interface TrunkParts extends Omit<GitTrunkOptions, 'generate'> {
  /** Missing where nothing is pushed. */
  readonly remote: Remote | undefined
  readonly programs: Programs
  readonly settings: Pick<ProjectSettings, 'land' | 'merge'>
  /** Ends what a landing has started when the program stops. */
  readonly stopping: AbortSignal
}

/** The base branch as the settings want it moved: here, on the remote, or by people. */
export function trunkOf(parts: TrunkParts): Trunk {
  const { remote, repository, settings } = parts
  const generate = generateWith({ ...parts, commands: settings.merge.generate })
  const local = new GitTrunk({ ...parts, generate })
  if (!remote) return local
  const trunk = new RemoteTrunk({ ...parts, remote, local })
  if (settings.land === 'branch') return trunk
  const { open_pr: open, find_pr: find } = settings.merge
  const place = { base: repository.base, cwd: repository.root }
  return new ProposingTrunk({
    ...parts,
    remote,
    trunk,
    pullRequests: open && pullRequestsBy({ ...parts, ...place, open, find }),
  })
}
