import type { Setup } from '../../src/pipeline/programs/setup.ts'

/** Setup commands that are functions. */
export class FakeSetup implements Setup {
  fingerprint = ''
  readonly calls: string[] = []
  onSetUp: (worktree: string) => void | Promise<void> = () => {}

  async endEarlier(key: string): Promise<void> {
    this.calls.push(`end earlier ${key}`)
  }

  async setUp(key: string, worktree: string): Promise<void> {
    this.calls.push(`set up ${key}`)
    await this.onSetUp(worktree)
  }

  async tearDown(key: string): Promise<void> {
    this.calls.push(`tear down ${key}`)
  }
}
