import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import {
  Attachment,
  DeviceId,
  DeviceLists,
  EncryptedAttachment,
  EncryptionSettings,
  OlmMachine,
  RoomId,
  UserId,
} from '../src/index.ts'
import { KeyServer } from './key-server.ts'

const room = new RoomId('!room:here')

function place(): string {
  const folder = mkdtempSync(join(tmpdir(), 'huskies-olm-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return folder
}

/** Does what matrix-bot-sdk does before it encrypts for a room. */
async function shareKey(machine: OlmMachine, server: KeyServer, user: string, others: string[]) {
  const users = others.map((each) => new UserId(each))
  await machine.updateTrackedUsers(users)
  await server.serve(machine, user)
  const claim = await machine.getMissingSessions(users)
  if (claim) await machine.markRequestAsSent(claim.id, claim.type, server.answer(user, claim))
  for (const request of await machine.shareRoomKey(room, users, new EncryptionSettings()))
    await machine.markRequestAsSent(request.id, request.type, server.answer(user, request))
}

async function receive(machine: OlmMachine, server: KeyServer, user: string) {
  const events = JSON.stringify(server.collect(user))
  await machine.receiveSyncChanges(events, new DeviceLists(), { signed_curve25519: 50 }, [])
}

it('encrypts for another device, which still decrypts after both were opened anew', async () => {
  const folder = place()
  const server = new KeyServer()
  const open = (name: string) =>
    OlmMachine.initialize(new UserId(name), new DeviceId('DEV'), join(folder, name))
  let [ann, bob] = [await open('@ann:here'), await open('@bob:here')]
  await server.serve(ann, '@ann:here')
  await server.serve(bob, '@bob:here')
  await shareKey(ann, server, '@ann:here', ['@bob:here'])
  await receive(bob, server, '@bob:here')
  const keys = [ann.identityKeys.ed25519.toBase64(), bob.identityKeys.ed25519.toBase64()]
  ann.close()
  bob.close()

  ;[ann, bob] = [await open('@ann:here'), await open('@bob:here')]
  expect([ann.identityKeys.ed25519.toBase64(), bob.identityKeys.ed25519.toBase64()]).toEqual(keys)
  const content = await ann.encryptRoomEvent(room, 'm.room.message', '{"body":"héllo"}')
  const event = JSON.stringify({
    type: 'm.room.encrypted',
    event_id: '$1',
    sender: '@ann:here',
    origin_server_ts: 1,
    content: JSON.parse(content),
  })
  const decrypted = await bob.decryptRoomEvent(event, room)
  expect(JSON.parse(decrypted.event)).toMatchObject({ content: { body: 'héllo' } })
  ann.close()
  bob.close()
})

it('does not wait for devices that are still to be asked for', async () => {
  const path = place()
  const machine = await OlmMachine.initialize(new UserId('@a:b'), new DeviceId('D'), path)
  await machine.updateTrackedUsers([new UserId('@c:d')])
  expect(await machine.getMissingSessions([new UserId('@c:d')])).toBeNull()
  machine.close()
})

it('refuses keys that belong to another device', async () => {
  const path = place()
  const machine = await OlmMachine.initialize(new UserId('@a:b'), new DeviceId('D'), path)
  machine.close()
  const other = OlmMachine.initialize(new UserId('@a:b'), new DeviceId('E'), path)
  await expect(other).rejects.toThrow()
  const again = await OlmMachine.initialize(new UserId('@a:b'), new DeviceId('D'), path)
  again.close()
})

it('encrypts files', () => {
  const encrypted = Attachment.encrypt(new TextEncoder().encode('a picture'))
  const { encryptedData, mediaEncryptionInfo } = encrypted
  expect(Buffer.from(encryptedData).toString()).not.toContain('picture')
  const again = new EncryptedAttachment(encryptedData, mediaEncryptionInfo ?? '')
  expect(Buffer.from(Attachment.decrypt(again)).toString()).toBe('a picture')
})
