// Made by `make schema` from docs/frames.schema.json.

export type OrgSocketFrame = OrgWelcome | EventFrame | TaskEventFrame | OrganizationFrame | Pong | ErrorFrame;

export type UserSocketFrame = UserWelcome | EventFrame | TaskEventFrame | UnreadFrame | MembershipFrame | Pong | ErrorFrame;

export type OrgStreamFrame = OrgWelcome | EventFrame | TaskEventFrame | OrganizationFrame | CloseFrame;

export type UserStreamFrame = UserWelcome | EventFrame | TaskEventFrame | UnreadFrame | MembershipFrame | CloseFrame;

export type ClientFrame = Ping;

export type TwinAnswer = OrgTwin | UserTwin;

export type PageData = Boot;

/** A text in a file: erased, or without a name and with this digest. */
export type ArchivedText = {
  stream: string;
  version: number;
  sha256?: string;
};

/** The actor was forgotten in files too: these texts of streams that left the database are gone or another. */
export type ArchivedTextsErased = {
  texts: Array<ArchivedText>;
};

/** User ids; None for nobody. */
export type AssigneeChanged = {
  from: number | null;
  to: number | null;
};

/** What the scripts of a page start from. */
export type Boot = {
  unread: Unread;
  at: Record<string, number>;
  revision: number;
  user_id: number;
  cursor: string;
  org: FollowedOrg | null;
  orgs: Record<string, OrgOfPage>;
  reasons: Record<string, string>;
  words: Record<string, unknown>;
  login_url: string;
  csrf_cookie: string;
  push: boolean;
};

/** Somebody of whom the log speaks: the number that they had there, and the account that stands for them here. With
the role of a member who they were in the end. */
export type Brought = {
  origin: number;
  user_id: number;
  role?: string;
};

/** Either the `event_ids` that it changed; or, of many, what was shown `up_to` an event of each organization in the
list that `show` and `reason` name; or whatever the act with this `mark` has changed, or had before its undo.
`threads`: stream id -> id of the newest event that was shown, where threads were meant. */
export type Change = {
  act: string;
  mark: number;
  state?: string;
  snoozed_until?: string;
  event_ids?: Array<number>;
  up_to?: Record<string, number>;
  show?: string;
  reason?: string;
  threads?: Record<string, number>;
};

/** The last frame of a stream, which has no close codes of its own: why it ends, and what to do. */
export type CloseFrame = {
  type: "close";
  code: number;
  message: string;
};

export type CommentDeleted = {
  comment: number;
};

/** The comment of that version says this now. It tells only whom it newly mentions. */
export type CommentEdited = {
  comment: number;
  text: string | null;
  mentions?: Array<number>;
};

export type Commented = {
  text: string | null;
  mentions?: Array<number>;
};

export type Complaint = {
  code: string;
  message: string;
};

export type DueDateChanged = {
  from: string | null;
  to: string | null;
};

export type ErrorFrame = {
  type: "error";
  error: Complaint;
};

/** An event as all its readers share it. Ids and public words only: no address, no e-mail, no markup. */
export type EventFrame = {
  type: "event";
  org_id: number;
  stream_id: string;
  action: string;
  actor_id: number;
  details: Record<string, unknown>;
  created_at: string;
  position: number;
  version: number;
  cursor: string;
  event_id: number;
  key: string;
  number: number;
  subject: string;
  actor: string;
  sentence: string;
  names: Record<string, string>;
  page: string;
  about?: string;
  save?: SaveTold;
  notification: Mark | null;
  replayed: boolean;
};

/** The organization whose log the page follows. */
export type FollowedOrg = {
  id: number;
  slug: string;
  cursor: string;
};

/** Archived, with all others of the import that nobody had changed. Nobody is told. */
export type ImportTakenBack = {};

/** All labels before and after, each list in its order. */
export type LabelsChanged = {
  from: Array<string>;
  to: Array<string>;
};

/** The positions `first` to `upto` stand in a file, and the streams that were over by then have left the database.
It stands in the stream of the organization itself. */
export type LogArchived = {
  first: number;
  upto: number;
  from: string;
  to: string;
  file: string;
  kept: string;
  streams: number;
  removed: number;
};

/** The events up to `upto` were written in another installation, and their digests cover the numbers that the
organization and the people had there. Nobody is a member here by what they say. It stands in the organization's own
stream. */
export type LogImported = {
  upto: number;
  head: string;
  installation: string;
  organization: number;
  stream: string;
  short_name: string;
  brought: Array<Brought>;
};

/** What an event means to one user. `id` is the event's. */
export type Mark = {
  id: number;
  reason: string;
  unread: boolean;
  state: string;
};

/** By accepting an invitation, or by making the organization. With another actor: who added them. */
export type MemberJoined = {
  user_id: number;
  role: string;
  invited_by?: number | null;
};

/** The actor, who had this role. */
export type MemberLeft = {
  role: string;
};

/** By another, with the role that they had. */
export type MemberRemoved = {
  user_id: number;
  role: string;
};

export type MembershipFrame = {
  type: "membership";
  org_id: number;
  change: "changed" | "joined" | "left";
};

export type NamedOrg = {
  id: number;
  slug: string;
  name: string;
};

/** Concerns only who takes part. The note before it stands in the stream's earlier events. */
export type OrderNoted = {
  note: string | null;
};

export type OrderPlaced = {
  what: string;
};

export type OrderShipped = {
  carrier: string;
};

export type Org = {
  id: number;
  slug: string;
};

/** `quiet`: reasons of which no toast is shown. */
export type OrgOfPage = {
  slug: string;
  name: string;
  quiet: Array<string>;
};

export type OrgOfUser = {
  id: number;
  slug: string;
  name: string;
  unread: number;
};

export type OrgTwin = {
  user_id: number;
  items: Array<EventFrame | TaskEventFrame>;
  cursor: string;
  more: boolean;
  replay: ReplaySummary;
  counts: StateCounts;
  at: Record<string, number>;
  revision: number;
  org: Org;
  unread: number;
};

export type OrgWelcome = {
  type: "welcome";
  user_id: number;
  unread: number;
  counts: StateCounts;
  at: Record<string, number>;
  revision: number;
  cursor: string;
  replay: ReplaySummary;
  org: Org;
};

export type OrganizationCreated = {
  name: string;
  short_name: string;
};

/** Its short name was changed. */
export type OrganizationFrame = {
  type: "organization";
  org: Org;
};

/** The name, the short name, or both: the other one is the same before and after. */
export type OrganizationRenamed = {
  from: string;
  to: string;
  short_name_from: string;
  short_name_to: string;
};

/** The only thing that a client sends. */
export type Ping = {
  type: "ping";
};

export type Pong = {
  type: "pong";
};

/** To the comment of that version, which `author` wrote: it tells only them, and each person's first alone. */
export type Reacted = {
  comment: number;
  reaction: string;
  author: number;
  again?: boolean;
};

/** What is not unread any more: these events; or, by the mark of that number, everything `up_to` an event of each
organization, for that `reason` or (None) for any. */
export type Read = {
  event_ids?: Array<number>;
  mark?: number;
  up_to?: Record<string, number>;
  reason?: string | null;
};

/** The text of the event with this version names somebody no more; what stands there now has this digest. */
export type Redaction = {
  version: number;
  sha256: string;
};

/** `missed` is None where the number is not known (another history). */
export type ReplaySummary = {
  mode: string;
  count: number;
  missed: number | null;
};

/** By the actor; `offered_by`: accepted by the actor, who is the member. Who became an owner without an offer took
over an organization that had none. */
export type RoleChanged = {
  user_id: number;
  from: string;
  to: string;
  offered_by?: number | null;
};

/** What the last event of a save of several tells with it: all of them, in order, and the whole in one sentence. */
export type SaveTold = {
  events: Array<number>;
  sentence: string;
};

/** How many notifications are in each state. */
export type StateCounts = {
  unread: number;
  read: number;
  done: number;
  snoozed: number;
  saved: number;
};

export type StatusChanged = {
  from: string;
  to: string;
};

export type TaskArchived = {};

export type TaskCreated = {
  title: string;
  description?: string | null;
  mentions?: Array<number>;
};

/** The description before it stands in the stream's earlier events. */
export type TaskDescribed = {
  description: string | null;
  mentions?: Array<number>;
};

/** An event of a task. */
export type TaskEventFrame = {
  type: "task_event";
  org_id: number;
  task_id: string;
  action: string;
  actor_id: number;
  details: Record<string, unknown>;
  created_at: string;
  position: number;
  version: number;
  cursor: string;
  event_id: number;
  key: string;
  number: number;
  subject: string;
  actor: string;
  sentence: string;
  names: Record<string, string>;
  page: string;
  about?: string;
  save?: SaveTold;
  notification: Mark | null;
  replayed: boolean;
} & ({
  action: "texts_erased";
  details: TextsErased;
} | {
  action: "log_archived";
  details: LogArchived;
} | {
  action: "archived_texts_erased";
  details: ArchivedTextsErased;
} | {
  action: "log_imported";
  details: LogImported;
} | {
  action: "organization_created";
  details: OrganizationCreated;
} | {
  action: "organization_renamed";
  details: OrganizationRenamed;
} | {
  action: "member_joined";
  details: MemberJoined;
} | {
  action: "member_left";
  details: MemberLeft;
} | {
  action: "member_removed";
  details: MemberRemoved;
} | {
  action: "role_changed";
  details: RoleChanged;
} | {
  action: "created";
  details: TaskCreated;
} | {
  action: "imported";
  details: TaskImported;
} | {
  action: "tasks_imported";
  details: TasksImported;
} | {
  action: "import_taken_back";
  details: ImportTakenBack;
} | {
  action: "renamed";
  details: TaskRenamed;
} | {
  action: "described";
  details: TaskDescribed;
} | {
  action: "status_changed";
  details: StatusChanged;
} | {
  action: "assignee_changed";
  details: AssigneeChanged;
} | {
  action: "due_date_changed";
  details: DueDateChanged;
} | {
  action: "labels_changed";
  details: LabelsChanged;
} | {
  action: "commented";
  details: Commented;
} | {
  action: "comment_edited";
  details: CommentEdited;
} | {
  action: "comment_deleted";
  details: CommentDeleted;
} | {
  action: "reacted";
  details: Reacted;
} | {
  action: "unreacted";
  details: Unreacted;
} | {
  action: "archived";
  details: TaskArchived;
} | {
  action: "restored";
  details: TaskRestored;
} | {
  action: "webhook_made";
  details: WebhookMade;
} | {
  action: "webhook_changed";
  details: WebhookChanged;
} | {
  action: "webhook_secret_made";
  details: WebhookSecretMade;
} | {
  action: "webhook_secret_ended";
  details: WebhookSecretEnded;
} | {
  action: "webhook_paused";
  details: WebhookPaused;
} | {
  action: "webhook_resumed";
  details: WebhookResumed;
} | {
  action: "webhook_stopped";
  details: WebhookStopped;
} | {
  action: "webhook_removed";
  details: WebhookRemoved;
} | {
  action: "order_placed";
  details: OrderPlaced;
} | {
  action: "order_shipped";
  details: OrderShipped;
} | {
  action: "order_noted";
  details: OrderNoted;
});

/** Created from a row of a file, with all that the row says of it. Nobody is told of each: `TasksImported` tells of
all together. */
export type TaskImported = {
  title: string;
  description?: string | null;
  mentions?: Array<number>;
  status?: string;
  assignee?: number | null;
  due_date?: string | null;
  labels?: Array<string>;
};

export type TaskRenamed = {
  from: string;
  to: string;
};

export type TaskRestored = {};

/** So many tasks came from one file; this is the last of them. It tells whoever got some of them, and whoever
follows everything. */
export type TasksImported = {
  count: number;
  assignees: Array<number>;
};

/** The actor was forgotten: their own texts are gone, and others' do not name them any more. It goes for a stream of
any subject, and names it; the subject that stands in for all others need not be named (`subjects.py`). */
export type TextsErased = {
  erased?: Array<number>;
  redacted?: Array<Redaction>;
  about?: string;
};

export type Unreacted = {
  comment: number;
  reaction: string;
};

export type Unread = {
  total: number;
  orgs: Record<string, number>;
};

/** With `mark`: more than is named. */
export type UnreadAgain = {
  event_ids: Array<number>;
  mark?: number;
};

/** A notification changed its state, whichever tab, device or moment changed it. `read` and `unread_again` say the
same to a client that knows only read and unread. */
export type UnreadFrame = {
  type: "unread";
  unread: Unread;
  at: Record<string, number>;
  revision: number;
  counts: StateCounts;
  change: Change;
  read: Read | null;
  unread_again?: UnreadAgain;
};

export type UserTwin = {
  user_id: number;
  items: Array<EventFrame | TaskEventFrame>;
  cursor: string;
  more: boolean;
  replay: ReplaySummary;
  counts: StateCounts;
  at: Record<string, number>;
  revision: number;
  unread: number;
  orgs: Record<string, number>;
  organizations: Array<NamedOrg>;
};

export type UserWelcome = {
  type: "welcome";
  user_id: number;
  unread: number;
  counts: StateCounts;
  at: Record<string, number>;
  revision: number;
  cursor: string;
  replay: ReplaySummary;
  orgs: Array<OrgOfUser>;
};

/** `fields` are those that changed: of the address and a token only that they did may be seen here. */
export type WebhookChanged = {
  from: WebhookSettings;
  to: WebhookSettings;
  fields: Array<string>;
};

export type WebhookMade = {
  to: WebhookSettings;
  begins_after: number;
};

export type WebhookPaused = {};

export type WebhookRemoved = {};

/** `skipped`: how many positions of the log it leaves out. */
export type WebhookResumed = {
  skipped?: number;
};

export type WebhookSecretEnded = {};

export type WebhookSecretMade = {};

export type WebhookSettings = {
  name: string;
  address: string;
  format?: string;
  kinds?: Array<string>;
};

/** By the product. `told`: the owners and admins of that moment. */
export type WebhookStopped = {
  why: string;
  told: Array<number>;
};
