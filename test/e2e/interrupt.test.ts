import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { seeded } from '../support/seeded.ts'
import { Workplace } from '../support/workplace.ts'

const moments = 8
/** A demo takes about so long, so that the moments are spread over all of it. */
const demoMs = 5_000

describe('A demo that is interrupted ends with its agents, and lands each item once when resumed', () => {
  const random = seeded(20261124)
  for (let seed = 1; seed <= moments; seed++) {
    const moment = Math.round(((seed - random()) / moments) * demoMs)
    test(`interrupted ${moment} ms after its first word`, async () => {
      const place = new Workplace({ project: 'huskies-demo/project' })
      const demo = place.start(['demo'])
      await demo.until('you>')
      await Promise.race([demo.ended, sleep(moment)])
      demo.child.kill('SIGINT')
      const ended = await demo.ended
      expect(ended.errors).toBe('')
      expect([0, 130]).toContain(ended.code)
      expect(place.agents()).toEqual([])

      expect(await place.run(['demo', '--resume'])).toMatchObject({ code: 0, errors: '' })
      expect(place.landed().sort()).toEqual(['merge 1', 'merge 2', 'merge 3'])
      expect(place.records()).toMatchObject({ items: ['1 done', '2 done', '3 done'], unsaid: 0 })
      expect(place.git('status', '--porcelain')).toBe('')
      expect(place.damage()).toBe('')
      expect(place.agents()).toEqual([])
    })
  }
})
