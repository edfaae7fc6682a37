import type { components } from './schema';

type S = components['schemas'];

export type Session = S['Session'];
export type Option = S['Option'];
export type Field = S['Field'];
export type FieldType = Field['type'];
export type ActionDecl = S['Action'];
export type StateDecl = S['StateDecl'];
export type Family = S['Family'];
/** All that the pages need to draw themselves; changes only with the city pack. */
export type Declarations = S['Declarations'];
export type Matter = S['Matter'];
export type Unit = S['Unit'];
export type Area = S['Area'];
/** A case as it stands in a list. */
export type Row = S['Row'];
export type Clock = S['Clock'];
export type ClockEffect = S['ClockEffect'];
export type Entry = S['Entry'];
/** An action that the person who asks may take on a case. */
export type Choice = S['Choice'];
export type Attachment = S['Attachment'];
export type Case = S['Case'];
export type Filed = S['Filed'];
export type ReadMatter = S['ReadMatter'];
/** What the machine read in a message and why it proposes what it proposes. */
export type Reading = S['Reading'];
export type Repeat = S['LikelyAgain'];
/** What was found in a reply, read beside its message. */
export type ReplyCheck = S['ReplyCheck'];
export type ReplyWord = S['ReplyWord'];
export type Suggestion = S['Suggestion'];
export type QueueRow = S['QueueRow'];
export type Queue = S['Queue'];
export type DayCounts = S['DayCounts'];
export type Today = S['TodayFigures'];
export type UnitFigure = S['UnitFigure'];
export type Brief = S['Brief'];
export type BriefPage = S['BriefPage'];
export type RateTable = S['RateTable'];
export type RateRow = S['RateRow'];
export type RateDecl = S['RateDecl'];
export type AreaFigure = S['AreaFigure'];
export type LivePoint = S['LivePoint'];
export type Topic = S['Topic'];
/** An issue that several cases are about. */
export type HotTopic = S['HotTopic'];
/** More of a matter at a place than chance explains. */
export type Rise = S['Rise'];
/** How the machine's dispatch did of a day, matter or unit. */
export type LivedFigure = S['LivedFigure'];
export type LivedDrop = S['LivedDrop'];
export type ModelVersion = S['ModelVersion'];
export type ReadPart = S['ReadPart'];
export type Count = S['Count'];
export type StaffRow = S['StaffRow'];

/** An event of the live feed: a case has changed. */
export interface Change {
  seq: number;
  id: string;
  number: string;
  kind: string;
  to: string;
  lane: string;
  unit: string;
  late: boolean;
  at: number;
  title: string;
  area: string;
  grid: string;
  lng: number;
  lat: number;
}

/** An event of the live feed: a ten-minute clock has started for one's own unit. */
export interface Alert {
  id: string;
  number: string;
  clock: string;
  due_at: number;
  unit: string;
}
