import { defineComplexType } from './define.ts'

/** When a health script runs. */
export const deviceHealthScriptRunSchedule = defineComplexType({
  name: 'deviceHealthScriptRunSchedule',
  description: 'Base of the schedules of a health script.',
  properties: {
    interval: {
      type: 'Edm.Int32',
      default: 0,
      description: 'Hours between two runs on an hourly schedule, days on a daily one.',
    },
  },
  derived: [
    {
      name: 'deviceHealthScriptHourlySchedule',
      description: 'Every so many hours.',
      properties: {},
    },
    {
      name: 'deviceHealthScriptTimeSchedule',
      description: 'Base of the schedules with a time of the day.',
      properties: {
        useUtc: {
          type: 'Edm.Boolean',
          default: false,
          description: 'Whether the time is UTC, and not that of the device.',
        },
        time: { type: 'Edm.TimeOfDay', nullable: true, description: 'The time of the day at which it runs.' },
      },
      derived: [
        {
          name: 'deviceHealthScriptDailySchedule',
          description: 'Every so many days.',
          properties: {},
        },
        {
          name: 'deviceHealthScriptRunOnceSchedule',
          description: 'Once.',
          properties: {
            date: { type: 'Edm.Date', nullable: true, description: 'The day on which it runs.' },
          },
        },
      ],
    },
  ],
})
