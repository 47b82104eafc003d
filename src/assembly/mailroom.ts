import { Access } from '../bot/access.ts'
import { AmbientRooms } from '../bot/ambient.ts'
import { Asks } from '../bot/asks.ts'
import { Attachments } from '../bot/attachments.ts'
import { Bulletins } from '../bot/bulletins.ts'
import type { Courier } from '../bot/courier.ts'
import { Delivery } from '../bot/delivery.ts'
import { Guests } from '../bot/guests.ts'
import { StoredInbox } from '../bot/inbox.ts'
import { LiveMessages } from '../bot/live-messages.ts'
import type { Place } from '../bot/message.ts'
import { StoredOutbox } from '../bot/outbox.ts'
import { Presence } from '../bot/presence.ts'
import type { World } from './world.ts'

/** Everything through which the program hears people and is heard by them, but the bot itself. */
export type Mailroom = ReturnType<typeof createMailroom>

/** Puts it together. Nothing is sent before `delivery` is started. */
export function createMailroom(world: World) {
  const { store, clock, bot, rooms } = world
  const outbox = new StoredOutbox(store, clock)
  const guests = new Guests({ ...world, outbox })
  const ambient = new AmbientRooms(store)
  return {
    inbox: new StoredInbox(store),
    outbox,
    delivery: new Delivery({ ...world, outbox }),
    asks: new Asks({ ...world, outbox }),
    guests,
    access: new Access(bot.access, guests),
    ambient,
    ...(world.filesFolder === undefined
      ? {}
      : { attachments: new Attachments({ ...world, folder: world.filesFolder }) }),
    live: new LiveMessages({ ...world, outbox }),
    bulletins: new Bulletins({
      store,
      clock,
      outbox,
      windowMs: bot.aggregated_notifications_enabled
        ? bot.aggregated_notifications_poll_interval_secs * 1000
        : 0,
    }),
    presence: new Presence({ store, clock, outbox }),
    /** What commands may do to the room that they are said in. */
    rooms: {
      setAmbient: (place: Place, on: boolean) => store.commit(() => ambient.set(place, on)),
      deafness: async (place: Place) => courierOf(world, place)?.deafness?.(place),
    },
    /** Says something in the project's rooms. */
    announce: (text: string) =>
      store.transaction(() => {
        for (const place of rooms) outbox.enqueue({ ...place, text })
      }),
    /** Shows or hides that the bot is at work there, where the network can. */
    typing: (place: Place, on: boolean) => showTyping(world, place, on),
  }
}

function showTyping({ couriers, log }: World, place: Place, on: boolean): void {
  courierOf({ couriers }, place)
    ?.typing?.(place, on)
    .catch((err) => log.debug({ err, place }, 'Typing is not shown.'))
}

function courierOf({ couriers }: Pick<World, 'couriers'>, place: Place): Courier | undefined {
  return couriers.find(({ name }) => name === place.transport)
}
