// Written by desk/make_types.py from what the API answers with; do not edit.

/** An account, without what is secret. */
export interface AccountView {
  readonly name: string;
  readonly title: string;
  readonly duty: "administrator" | "coordinator" | "guide" | "operator" | "specialist" | "supervisor";
  readonly agent: string;
  readonly departments: readonly string[];
  readonly disabled: boolean;
  readonly temporary: boolean;
  readonly elsewhere: boolean;
  readonly changed: number;
}

/** All accounts, and the words that they are made of. */
export interface Accounts {
  readonly accounts: readonly AccountView[];
  readonly departments: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly agents: readonly string[];
}

/** A message that was added to a conversation. */
export interface Added {
  readonly contact: string;
  readonly message: number;
}

/** How many agents of a queue are in each state. */
export interface AgentCounts {
  readonly logged_out: number;
  readonly ready: number;
  readonly free: number;
  readonly reserved: number;
  readonly paused: number;
  readonly not_responding: number;
}

/** An agent's own figures of today. Seconds. */
export interface AgentToday {
  readonly agent: string;
  readonly at: number;
  readonly since: number;
  readonly channels: Readonly<Record<string, ChannelToday>>;
  readonly wrap_ups: number;
  readonly mean_wrap_up: number | null;
  readonly times: Readonly<Record<string, number>>;
}

/** An agent, by an id that is no name. */
export interface AgentView {
  readonly id: string;
  readonly state: "logged_out" | "not_responding" | "paused" | "ready" | "reserved";
  readonly pause?: string | undefined;
  readonly leaving?: boolean | undefined;
  readonly until?: number | null | undefined;
  readonly idle_since?: number | null | undefined;
  readonly phone?: string | undefined;
  readonly phone_lost?: boolean | undefined;
  readonly desk?: string | undefined;
  readonly room?: readonly string[] | undefined;
  readonly offer?: OfferView | null | undefined;
  readonly work?: readonly WorkView[] | undefined;
  readonly queues?: Readonly<Record<string, number>> | undefined;
  readonly skills?: Readonly<Record<string, number>> | undefined;
  readonly assigned?: boolean | undefined;
}

/** Several agents, by id. */
export interface Agents {
  readonly agents: readonly AgentView[];
}

/** A figure of a queue that has crossed its threshold. */
export interface AlarmView {
  readonly queue: string;
  readonly alarm: string;
  readonly since: number;
}

/** Those that stand, the longest first. */
export interface Alarms {
  readonly alarms: readonly AlarmView[];
}

/** Something that would be different. */
export interface Alteration {
  readonly kind: "agent" | "flow" | "number" | "phone" | "place" | "queue";
  readonly name: string;
  readonly what: "added" | "changed" | "joined" | "left" | "removed" | "skill";
  readonly of?: string | undefined;
  readonly before?: number | undefined;
  readonly after?: number | undefined;
}

/** One thing that was said. */
export interface Announced {
  readonly at: number;
  readonly language: string;
  readonly text: string;
}

/** What a crisis says: the newest first, then what it said before. */
export interface AnnouncedView {
  readonly crisis: string;
  readonly title: string;
  readonly running: boolean;
  readonly since: number;
  readonly until: number | null;
  readonly messages: readonly Announced[];
}

/** An answer. */
export interface AnswerView {
  readonly name: string;
  readonly kind: string;
  readonly label: string;
  readonly value?: string | undefined;
  readonly shown?: string | undefined;
  readonly hidden?: boolean | undefined;
  readonly seconds?: number | null | undefined;
  readonly photos?: readonly string[] | undefined;
  readonly from_photo?: string | undefined;
}

/** What an agent does for now. */
export interface AssignmentView {
  readonly agent: string;
  readonly queues?: Readonly<Record<string, number>> | null | undefined;
  readonly skills?: Readonly<Record<string, number>> | null | undefined;
  readonly until?: number | null | undefined;
}

/** All of them. */
export interface Assignments {
  readonly assignments: readonly AssignmentView[];
}

/** A file that came with a letter, or goes with one. */
export interface Attachment {
  readonly file: string;
  readonly name: string;
  readonly media: string;
  readonly size: number;
  readonly cid?: string | undefined;
  readonly kept?: boolean | undefined;
  readonly within?: string | undefined;
}

/** What hangs in a waiting room: numbers, and nobody's name. */
export interface Board {
  readonly place: string;
  readonly title: string;
  readonly open: boolean;
  readonly at: number;
  readonly called: readonly TicketView[];
  readonly waiting: readonly TicketView[];
  readonly services: readonly ServiceView[];
  readonly announcements?: readonly AnnouncedView[] | undefined;
}

/** How a call stands. */
export interface CallStanding {
  readonly state: "asked" | "connected" | "ended" | "offered" | "waiting";
  readonly place?: number | null | undefined;
}

/** One channel in the whole house. */
export interface ChannelNow {
  readonly available_agents: number;
  readonly without_queue: Readonly<Record<string, number>>;
  readonly reached_share: Readonly<Record<string, number | null>>;
}

/** One channel of one queue. */
export interface ChannelOfQueue {
  readonly contacts: Readonly<Record<string, number>>;
  readonly longest_wait: number | null;
  readonly expected_wait: Range | null;
  readonly available_agents: number;
  readonly available_with: Readonly<Record<string, number>>;
  readonly eligible_share: number | null;
  readonly today: Today;
}

/** What an agent did today by one channel. */
export interface ChannelToday {
  readonly answered: number;
  readonly mean_talk: number | null;
}

/** One contact of a story. */
export interface Chapter {
  readonly contact: string;
  readonly channel: string;
  readonly began: number;
  readonly ended?: number | null | undefined;
  readonly state?: string | undefined;
  readonly outcome?: string | undefined;
  readonly queue?: string | undefined;
  readonly language?: string | undefined;
  readonly agents?: readonly string[] | undefined;
  readonly matter?: string | undefined;
  readonly same?: string | undefined;
  readonly reason?: string | undefined;
  readonly avoidable?: boolean | null | undefined;
  readonly gap?: string | undefined;
  readonly follow_up?: boolean | undefined;
  readonly messages?: number | undefined;
}

/** Every mistake; none when it may be published. */
export interface Checked {
  readonly problems: readonly Mistake[];
}

/** Queues, in the order of the configuration. */
export interface Choices {
  readonly queues: readonly QueueChoice[];
}

/** What is known of who is at the other end. Personal: the access log keeps every look. */
export interface Citizen {
  readonly contact: string;
  readonly number?: string | undefined;
  readonly parties?: Readonly<Record<string, string>> | undefined;
  readonly name?: string | undefined;
  readonly address?: string | undefined;
  readonly text?: string | undefined;
}

/** Somebody who may be written to. */
export interface Colleague {
  readonly agent: string;
  readonly name: string;
  readonly at_work: boolean;
}

/** All of them but who asks, by name. */
export interface Colleagues {
  readonly colleagues: readonly Colleague[];
}

/** The configuration in force, in short. */
export interface ConfigurationView {
  readonly revision: string;
  readonly queues: readonly string[];
  readonly channels: readonly string[];
  readonly pauses: Readonly<Record<string, string>>;
  readonly skills: Readonly<Record<string, string>>;
}

/** A contact that lives. */
export interface ContactView {
  readonly id: string;
  readonly channel: string;
  readonly state: "arrived" | "away" | "connected" | "forwarded" | "hearing" | "in_flow" | "leaving" | "offered" | "parked" | "waiting" | "wrapping_up";
  readonly arrived: number;
  readonly entry?: string | undefined;
  readonly language?: string | undefined;
  readonly queue?: string | undefined;
  readonly waited?: number | null | undefined;
  readonly needs?: readonly Need[] | undefined;
  readonly notes?: Readonly<Record<string, string>> | undefined;
  readonly agent?: string | undefined;
  readonly offer?: string | undefined;
  readonly since?: number | null | undefined;
  readonly until?: number | null | undefined;
  readonly connecting?: boolean | undefined;
  readonly held?: boolean | undefined;
  readonly parties?: readonly PartyView[] | undefined;
  readonly destination?: DestinationView | null | undefined;
  readonly slot?: string | undefined;
  readonly returned?: ReturnedView | null | undefined;
  readonly listener?: ListenerView | null | undefined;
  readonly factor?: number | undefined;
  readonly first?: boolean | undefined;
  readonly preferred?: string | undefined;
  readonly aside?: boolean | undefined;
  readonly obstacle?: "asked" | "closed" | "crisis" | "full" | "nobody" | "too_long" | null | undefined;
  readonly about?: string | undefined;
  readonly remarks?: number | undefined;
  readonly questions?: readonly string[] | undefined;
  readonly sent_by?: string | undefined;
  readonly help_since?: number | null | undefined;
  readonly seeking?: string | undefined;
  readonly text?: boolean | undefined;
  readonly visit?: VisitView | null | undefined;
  readonly recording?: string | undefined;
  readonly secret?: boolean | undefined;
}

/** A page of contacts, in the order in which they arrived. */
export interface Contacts {
  readonly contacts: readonly ContactView[];
  readonly next?: number | null | undefined;
}

/** All of them, the newest first. */
export interface Crises {
  readonly crises: readonly CrisisView[];
  readonly plans: readonly PlanView[];
  readonly spoken: number;
  readonly speaking: number;
}

/** A crisis, or one that has been. */
export interface CrisisView {
  readonly crisis: string;
  readonly name: string;
  readonly title: string;
  readonly running: boolean;
  readonly started: number;
  readonly ended: number | null;
  readonly measures: MeasuresView;
  readonly messages: readonly SaidView[];
  readonly helpers: readonly string[];
  readonly without: readonly string[];
}

/** What contacts of a department are about. */
export interface DepartmentView {
  readonly department: string;
  readonly title: Readonly<Record<string, string>>;
  readonly queues: readonly string[];
  readonly reasons: readonly PeopleReason[];
}

/** An agent's desk. */
export interface DeskView {
  readonly agent: AgentView;
  readonly contacts: readonly ContactView[];
  readonly notices: readonly NoticeView[];
  readonly today: AgentToday | null;
}

/** Who is, or was, to be rung. A number is not told here. */
export interface DestinationView {
  readonly kind: "number" | "phone";
  readonly phone?: string | undefined;
  readonly person?: string | undefined;
  readonly country?: string | undefined;
}

/** What one version would change of another. */
export interface Difference {
  readonly files: readonly FileChange[];
  readonly changes?: readonly Alteration[] | undefined;
  readonly more?: boolean | undefined;
  readonly at_start?: readonly string[] | undefined;
}

/** An answer that is being written. Personal: every look is logged. */
export interface DraftView {
  readonly text?: string | undefined;
  readonly attachments?: readonly string[] | undefined;
  readonly writer?: string | undefined;
  readonly at?: number | null | undefined;
}

/** Somebody who interprets. */
export interface DutyView {
  readonly name: string;
  readonly on_duty: boolean;
}

/** The edge (Kamailio); counts are since it started. */
export interface EdgeHealth {
  readonly up: boolean;
  readonly phones?: number | undefined;
  readonly dialogs_ended?: number | undefined;
  readonly bans?: number | undefined;
  readonly refused?: Readonly<Record<string, number>> | undefined;
}

/** A change, to be checked, compared and published like any other. */
export interface Edited {
  readonly base: string;
  readonly files: Readonly<Record<string, string>>;
}

/** A field of a form. */
export interface FieldView {
  readonly name: string;
  readonly kind: string;
  readonly required: boolean;
  readonly label: Readonly<Record<string, string>>;
  readonly hint: Readonly<Record<string, string>>;
  readonly choices: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly least: number;
  readonly most: number;
  readonly sensitive: string;
}

/** A file that would be different. */
export interface FileChange {
  readonly file: string;
  readonly what: "added" | "changed" | "removed";
  readonly lines: readonly string[];
}

/** What stands in the folder. */
export interface FilesView {
  readonly version: string;
  readonly running: string;
  readonly read_only: string;
  readonly files: Readonly<Record<string, string>>;
}

/** What became of it: a contact, or nothing yet and all that is to be mended. */
export interface FilledIn {
  readonly contact?: string | undefined;
  readonly reference?: string | undefined;
  readonly mistakes?: readonly MistakeView[] | undefined;
}

/** A form that was filled in. Personal: the access log keeps every look. */
export interface FilledView {
  readonly contact: string;
  readonly form: string;
  readonly title: string;
  readonly language: string;
  readonly matter: string;
  readonly reference: string;
  readonly by: string;
  readonly at: number | null;
  readonly answerable: boolean;
  readonly answers: readonly AnswerView[];
}

/** An account with its first password, which is told this once. */
export interface FirstPassword {
  readonly account: AccountView;
  readonly password: string;
}

/** How many stand where in a flow. */
export interface FlowNow {
  readonly flow: string;
  readonly at: number;
  readonly since: number;
  readonly nodes: readonly NodeView[];
}

/** A flow as it is drawn. */
export interface FlowPicture {
  readonly picture: Part;
}

/** A flow. */
export interface FlowView {
  readonly name: string;
  readonly numbers: readonly string[];
  readonly now: number;
}

/** The flows of the configuration in force. */
export interface Flows {
  readonly flows: readonly FlowView[];
}

/** A form that can be filled in. */
export interface FormView {
  readonly form: string;
  readonly title: Readonly<Record<string, string>>;
  readonly languages: readonly string[];
  readonly queue: string;
  readonly fields: readonly FieldView[];
}

/** All forms. */
export interface FormViews {
  readonly forms: readonly FormView[];
}

/** Contacts that have a language, or a place, in common. */
export interface GroupNow {
  readonly waiting: number;
  readonly longest_wait: number | null;
  readonly served: number;
}

/** All parts of an engine. */
export interface Health {
  readonly epoch?: number | undefined;
  readonly bugs?: number | undefined;
  readonly doubled?: number | undefined;
  readonly journal?: JournalHealth | undefined;
  readonly voice?: Readonly<Record<string, number>> | undefined;
  readonly workers?: Readonly<Record<string, WorkerHealth>> | undefined;
  readonly edge?: EdgeHealth | null | undefined;
  readonly dial_refused?: Readonly<Record<string, number>> | undefined;
  readonly trunks?: Readonly<Record<string, boolean>> | undefined;
}

/** An agent who wants somebody who leads to help. */
export interface HelpView {
  readonly contact: string;
  readonly channel: string;
  readonly queue: string;
  readonly agent: string;
  readonly since: number;
}

/** Those who wait for help, the longest first. */
export interface Helps {
  readonly helps: readonly HelpView[];
}

/** Who was found, the best first. */
export interface Hits {
  readonly hits: readonly ViewsPersonView[];
}

/** A relay for a page's sound, as `RTCPeerConnection` takes it (W3C webrtc, RTCIceServer). */
export interface IceServer {
  readonly urls: readonly string[];
  readonly username: string;
  readonly credential: string;
}

/** Who interprets. */
export interface Interpreters {
  readonly languages: readonly InterpretersView[];
}

/** Who interprets a language. */
export interface InterpretersView {
  readonly language: string;
  readonly title: string;
  readonly duty: readonly DutyView[];
}

/** The journal; counts are since the engine started, and mean what `adapters.redis.counters` says. */
export interface JournalHealth {
  readonly degraded?: boolean | undefined;
  readonly buffered?: number | undefined;
  readonly buffered_bytes?: number | undefined;
  readonly entries?: Readonly<Record<string, number>> | undefined;
  readonly troubles?: number | undefined;
  readonly facts_to_replay?: number | undefined;
}

/** A line of the access log. */
export interface Line {
  readonly n: number;
  readonly at: number;
  readonly kind: "acted" | "deleted" | "erased" | "exported" | "looked" | "refused" | "signed_in" | "signed_out";
  readonly what: Readonly<Record<string, unknown>>;
  readonly before: string;
  readonly hash?: string | undefined;
}

/** A page of the log. */
export interface Lines {
  readonly lines: readonly Line[];
  readonly next?: number | null | undefined;
}

/** Where agents read on about what a queue is for. */
export interface LinkView {
  readonly title: Readonly<Record<string, string>>;
  readonly url: string;
}

/** By queue; queues without any are left out. */
export interface Links {
  readonly queues: Readonly<Record<string, readonly LinkView[]>>;
}

/** Somebody who leads, and listens to a talk. */
export interface ListenerView {
  readonly party: string;
  readonly mode: "barge" | "listen" | "whisper";
  readonly state: "ringing" | "there";
  readonly phone?: string | undefined;
  readonly shown?: boolean | undefined;
}

/** The house at one moment. */
export interface Live {
  readonly at: number;
  readonly since: number;
  readonly agents: Readonly<Record<string, number>>;
  readonly queues: Readonly<Record<string, QueueNow>>;
  readonly channels: Readonly<Record<string, ChannelNow>>;
  readonly skills: Readonly<Record<string, SkillNow>>;
  readonly health: Health;
  readonly help_wanted?: number | undefined;
  readonly languages?: Readonly<Record<string, GroupNow>> | undefined;
  readonly places?: Readonly<Record<string, GroupNow>> | undefined;
}

/** What is done in a crisis. */
export interface MeasuresView {
  readonly queues?: readonly string[] | undefined;
  readonly until?: number | null | undefined;
  readonly callback_only?: boolean | undefined;
  readonly triage?: string | undefined;
  readonly helpers?: readonly string[] | undefined;
  readonly skills?: Readonly<Record<string, number>> | undefined;
  readonly places?: readonly string[] | undefined;
}

/** What an agent serves and can do. */
export interface Member {
  readonly queues: Readonly<Record<string, number>>;
  readonly skills: Readonly<Record<string, number>>;
}

/** All of them, and the words they are made of. */
export interface Members {
  readonly agents: Readonly<Record<string, Member>>;
  readonly queues: Readonly<Record<string, string>>;
  readonly skills: Readonly<Record<string, string>>;
}

/** A message of a conversation. */
export interface MessageView {
  readonly message: number;
  readonly author: string;
  readonly agent?: string | undefined;
  readonly at?: number | null | undefined;
  readonly text?: string | undefined;
  readonly outbox?: string | undefined;
  readonly kind?: "automatic" | "list" | "message" | "report" | undefined;
  readonly address?: string | undefined;
  readonly name?: string | undefined;
  readonly subject?: string | undefined;
  readonly language?: string | undefined;
  readonly html?: string | undefined;
  readonly blocked?: number | undefined;
  readonly truncated?: boolean | undefined;
  readonly attachments?: readonly Attachment[] | undefined;
  readonly report?: Report | null | undefined;
}

/** A conversation. Personal: the access log keeps every look. */
export interface Messages {
  readonly contact: string;
  readonly matter: string;
  readonly reference?: string | undefined;
  readonly follows?: string | undefined;
  readonly messages: readonly MessageView[];
}

/** Something that is wrong in a file. */
export interface Mistake {
  readonly file: string;
  readonly line: number;
  readonly field: string;
  readonly text: string;
}

/** What is wrong with one answer. */
export interface MistakeView {
  readonly field: string;
  readonly cause: string;
  readonly text: string;
}

/** `skill` at `level` (1-5) or better. */
export interface Need {
  readonly skill: string;
  readonly level?: number | undefined;
}

/** Something that a citizen may need. */
export interface NeedView {
  readonly need: string;
  readonly meaning: string;
  readonly title: Readonly<Record<string, string>>;
}

/** All that can be noted. */
export interface Needs {
  readonly needs: readonly NeedView[];
  readonly languages: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** A node of a flow. */
export interface NodeView {
  readonly node: string;
  readonly does: "announcement" | "back" | "callback" | "collect" | "connect" | "drop" | "form" | "hang_up" | "hours" | "keep" | "language" | "mail" | "menu" | "promise" | "promised" | "queue" | "record" | "run" | "say" | "set" | "ticket";
  readonly of: string;
  readonly now: number | null;
  readonly today: number | null;
}

/** Something that agents are told. */
export interface NoticeView {
  readonly notice: string;
  readonly at: number;
  readonly until: number;
  readonly text?: string | undefined;
  readonly queues?: readonly string[] | undefined;
  readonly readers?: readonly string[] | undefined;
  readonly by?: string | undefined;
  readonly writer?: string | undefined;
}

/** The oldest first. Agents see those that are for them, and that they have not read. */
export interface Notices {
  readonly notices: readonly NoticeView[];
}

/** An agent is being asked to take a contact. */
export interface OfferView {
  readonly offer: string;
  readonly contact: string;
  readonly channel: string;
  readonly queue: string;
  readonly deadline: number;
  readonly calling?: boolean | undefined;
  readonly rule?: "deferred-turn" | "longest-idle" | "most-urgent" | "preferred" | "spare-scarce" | null | undefined;
}

/** All places where somebody is signed in, the newest first. */
export interface OwnSessions {
  readonly sessions: readonly SessionView[];
}

/** An element of a picture (SVG), told without markup: a page makes it, and reads none. */
export interface Part {
  readonly tag: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly text: string;
  readonly parts: readonly Part[];
}

/** Somebody who takes part besides citizen and agent. */
export interface PartyView {
  readonly party: string;
  readonly destination: DestinationView;
  readonly agent?: string | undefined;
  readonly state: "held" | "ringing" | "talking";
  readonly interprets?: string | undefined;
}

/** With what a page registers (SIP over WebSocket, RFC 7118). */
export interface PhoneCredentials {
  readonly phone: string;
  readonly realm: string;
  readonly user: string;
  readonly password: string;
  readonly until: number;
  readonly expires: number;
  readonly port: number;
  readonly url?: string | undefined;
  readonly ice?: readonly IceServer[] | undefined;
}

/** A phone of the house. */
export interface PhoneView {
  readonly phone: string;
  readonly title?: string | undefined;
  readonly kind: "browser" | "number" | "phone";
  readonly agent?: string | undefined;
  readonly owner?: string | undefined;
}

/** Phones, in the order of the configuration. */
export interface Phones {
  readonly phones: readonly PhoneView[];
}

/** The house at one moment. */
export interface Picture {
  readonly position: string;
  readonly at: number;
  readonly queues: readonly QueueView[];
  readonly agents: readonly AgentView[];
}

/** A place that people visit. */
export interface PlaceView {
  readonly place: string;
  readonly title: string;
  readonly open: boolean;
  readonly languages: readonly string[];
  readonly desks: Readonly<Record<string, string>>;
  readonly services: readonly ServiceView[];
}

/** Places that people visit. */
export interface Places {
  readonly places: readonly PlaceView[];
}

/** What can be begun by its name alone. */
export interface PlanView {
  readonly name: string;
  readonly title: string;
  readonly languages: readonly string[];
  readonly measures: MeasuresView;
}

/** Why something was not done (RFC 9457). */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly error_id: string;
  readonly retryable: boolean;
}

/** What is in the folder now; the engine is reloaded at once, while calls go on. */
export interface Published {
  readonly version: VersionView;
  readonly at_start: readonly string[];
}

/** What would happen to a contact that is handed to a queue now. */
export interface QueueChoice {
  readonly queue: string;
  readonly title?: string | undefined;
  readonly way: "leave" | "send";
  readonly obstacle?: "asked" | "closed" | "crisis" | "full" | "nobody" | "too_long" | null | undefined;
  readonly open: boolean;
  readonly changes_at?: number | null | undefined;
  readonly waiting: number;
  readonly low?: number | null | undefined;
  readonly high?: number | null | undefined;
  readonly comes_back?: number | null | undefined;
}

/** One queue. */
export interface QueueNow {
  readonly open: boolean;
  readonly agents: Readonly<Record<string, number>>;
  readonly staffed_share: number | null;
  readonly target_wait: number;
  readonly target_share: number;
  readonly channels: Readonly<Record<string, ChannelOfQueue>>;
}

/** A queue, as it is now. */
export interface QueueView {
  readonly id: string;
  readonly title: string;
  readonly open: boolean;
  readonly waiting: number;
  readonly first_since?: number | null | undefined;
  readonly agents: AgentCounts;
  readonly target_wait: number;
  readonly target_share: number;
}

/** All queues, in the order of the configuration. */
export interface Queues {
  readonly queues: readonly QueueView[];
}

/** Seconds after which the wait will end, in four of five cases. */
export interface Range {
  readonly low: number;
  readonly high: number;
  readonly mean: number;
}

/** Words for what contacts were about. */
export interface Reasons {
  readonly departments: readonly DepartmentView[];
  readonly gaps: readonly PeopleReason[];
}

/** What one of the house wrote for colleagues. */
export interface RemarkView {
  readonly remark: number;
  readonly writer?: string | undefined;
  readonly at?: number | null | undefined;
  readonly text?: string | undefined;
}

/** Remarks in their order. Personal: every look is logged. */
export interface Remarks {
  readonly contact: string;
  readonly remarks: readonly RemarkView[];
}

/** What carriers say about a message of ours. */
export interface Report {
  readonly contact: string;
  readonly message: number;
  readonly delivery: "delayed" | "delivered" | "failed";
  readonly status?: string | undefined;
}

/** Why a contact is back with whoever sent it on. */
export interface ReturnedView {
  readonly cause: string;
  readonly destination?: DestinationView | null | undefined;
  readonly queue?: string | undefined;
}

/** An announcement. */
export interface SaidView {
  readonly number: number;
  readonly at: number;
  readonly texts: Readonly<Record<string, string>>;
}

/** What is done at a place. */
export interface ServiceView {
  readonly service: string;
  readonly title?: string | undefined;
  readonly queue: string;
  readonly bookable?: boolean | undefined;
  readonly waiting?: number | undefined;
  readonly low?: number | null | undefined;
  readonly high?: number | null | undefined;
  readonly least?: number | null | undefined;
  readonly most?: number | null | undefined;
}

/** Where somebody is signed in. */
export interface SessionView {
  readonly browser: string;
  readonly made: number;
  readonly expires: number;
  readonly here: boolean;
}

/** Who is signed in. */
export interface SignedIn {
  readonly name: string;
  readonly title: string;
  readonly duty: "administrator" | "coordinator" | "guide" | "operator" | "specialist" | "supervisor";
  readonly agent: string;
  readonly departments: readonly string[];
  readonly temporary: boolean;
  readonly csrf: string;
  readonly expires: number;
  readonly now: number;
}

/** Nobody is signed in any more. */
export interface SignedOut {
  readonly further: string;
}

/** One skill, in all queues. */
export interface SkillNow {
  readonly available_agents: Readonly<Record<string, number>>;
  readonly today: Readonly<Record<string, Today>>;
}

/** How somebody can be met now. */
export interface Standing {
  readonly state: "absent" | "elsewhere" | "off_hours" | "present";
  readonly reason?: string | undefined;
  readonly until?: number | null | undefined;
  readonly back?: number | null | undefined;
  readonly says?: string | undefined;
  readonly refer?: string | undefined;
  readonly note?: string | undefined;
}

/** What a citizen and the city have had to do with each other. Personal: the access log keeps every look. */
export interface Story {
  readonly contact: string;
  readonly matter: string;
  readonly reference: string;
  readonly person: PeoplePersonView;
  readonly contacts: readonly Chapter[];
  readonly complete: boolean;
}

/** What is being written on a text telephone. Personal: every look is logged. */
export interface TextView {
  readonly contact: string;
  readonly messages: number;
  readonly citizen: string;
  readonly agent: string;
  readonly version: string;
}

/** Texts to begin an answer with, filled in for one contact. */
export interface Texts {
  readonly language: string;
  readonly texts: Readonly<Record<string, string>>;
}

/** A ticket on a board. */
export interface TicketView {
  readonly ticket: string;
  readonly service: string;
  readonly desk?: string | undefined;
  readonly called?: number | null | undefined;
  readonly calls?: number | undefined;
}

/** What became of the contacts that asked for a queue, or for a skill, since the day began. */
export interface Today {
  readonly arrived: number;
  readonly answered: number;
  readonly abandoned: number;
  readonly short_abandoned: number;
  readonly lost: number;
  readonly turned_away: Readonly<Record<string, number>>;
  readonly mean_wait: number | null;
  readonly mean_talk: number | null;
  readonly service_level: Readonly<Record<string, number | null>>;
  readonly announced_right: number | null;
}

/** A queue that does not keep its hours for now. */
export interface TodayView {
  readonly queue: string;
  readonly open: boolean;
  readonly until: number;
  readonly reason?: string | undefined;
}

/** All of them. */
export interface Todays {
  readonly queues: readonly TodayView[];
}

/** What stands in the panels beside a contact. Personal: every look is logged. */
export interface UnsentView {
  readonly panels?: Readonly<Record<string, Readonly<Record<string, string>>>> | undefined;
  readonly writer?: string | undefined;
}

/** A file that waits for its answer, or its form. */
export interface Uploaded {
  readonly attachment: string;
  readonly size: number;
}

/** A version that was put in the folder. */
export interface VersionView {
  readonly version: string;
  readonly before: string;
  readonly at: number;
  readonly by: string;
  readonly why: string;
  readonly taken_back: string;
}

/** What was published, the newest first. */
export interface VersionsView {
  readonly versions: readonly VersionView[];
}

/** How a visit stands, for whoever has its ticket. */
export interface VisitStatus {
  readonly visit: string;
  readonly place: string;
  readonly service: string;
  readonly state: "arrived" | "away" | "connected" | "forwarded" | "hearing" | "in_flow" | "leaving" | "offered" | "parked" | "waiting" | "wrapping_up";
  readonly ticket?: string | undefined;
  readonly booked?: number | null | undefined;
  readonly position?: number | null | undefined;
  readonly low?: number | null | undefined;
  readonly high?: number | null | undefined;
  readonly desk?: string | undefined;
  readonly obstacle?: string | undefined;
  readonly way?: "" | "announcement" | "callback" | "message" | "queue" | "report" | undefined;
  readonly say?: string | undefined;
  readonly least?: number | null | undefined;
  readonly most?: number | null | undefined;
}

/** What a contact is that comes in person. */
export interface VisitView {
  readonly place: string;
  readonly service: string;
  readonly ticket?: string | undefined;
  readonly booked?: number | null | undefined;
  readonly desk?: string | undefined;
  readonly calls?: number | undefined;
}

/** With what a page rings (SIP over WebSocket, RFC 7118). */
export interface Voucher {
  readonly name: string;
  readonly way: string;
  readonly realm: string;
  readonly user: string;
  readonly password: string;
  readonly until: number;
  readonly port: number;
  readonly url?: string | undefined;
  readonly ice?: readonly IceServer[] | undefined;
}

/** How people sign in here. */
export interface Ways {
  readonly openid: string;
  readonly passwords: boolean;
}

/** Why a contact is still in line. */
export interface WhyWaiting {
  readonly queue: string;
  readonly open: boolean;
  readonly position: number;
  readonly waited: number;
  readonly urgency: number;
  readonly needs: readonly Need[];
  readonly step: number;
  readonly widens_at: number | null;
  readonly preferred: string | null;
  readonly grace_until: number | null;
  readonly leaves_at: number | null;
  readonly agents: readonly ExplainReason[];
  readonly factor?: number | undefined;
  readonly first?: boolean | undefined;
}

/** A contact in an agent's hands. */
export interface WorkView {
  readonly contact: string;
  readonly channel: string;
  readonly queue?: string | undefined;
  readonly state: "connected" | "wrapping_up";
  readonly since?: number | null | undefined;
  readonly until?: number | null | undefined;
  readonly aside?: boolean | undefined;
}

/** A SIP worker. */
export interface WorkerHealth {
  readonly up: boolean;
  readonly legs?: number | undefined;
  readonly admitted?: number | undefined;
  readonly rejected?: number | undefined;
  readonly cpu?: number | undefined;
  readonly text_dropped?: number | undefined;
}

/** A person or function in short, as a list shows it. */
export interface ViewsPersonView {
  readonly id: string;
  readonly kind: "function" | "person";
  readonly label: string;
  readonly title?: string | undefined;
  readonly department?: readonly string[] | undefined;
  readonly extension?: string | undefined;
  readonly direct?: string | undefined;
  readonly mobile?: string | undefined;
  readonly mobile_use?: "connect" | "give" | "never" | undefined;
  readonly responsibilities?: readonly string[] | undefined;
  readonly standing: Standing;
  readonly busy?: boolean | undefined;
  readonly protected?: boolean | undefined;
  readonly similar?: boolean | undefined;
}

/** What one agent of the queue is to a contact. The fields after `cause` say more where there is more to say. */
export interface ExplainReason {
  readonly agent: string;
  readonly cause: "busy" | "chosen" | "held_back" | "kept_for_preferred" | "less_suited" | "logged_out" | "not_responding" | "paused" | "reserved" | "resting" | "unskilled";
  readonly pause?: string | undefined;
  readonly until?: number | null | undefined;
  readonly missing?: readonly Need[] | undefined;
  readonly scarce?: readonly string[] | undefined;
  readonly idle?: number | null | undefined;
}

/** What is known of the citizen of a contact, without number, name or address. */
export interface PeoplePersonView {
  readonly contact: string;
  readonly known: boolean;
  readonly language?: string | undefined;
  readonly needs?: readonly string[] | undefined;
  readonly kept_until?: number | null | undefined;
  readonly addresses?: number | undefined;
  readonly protected?: boolean | undefined;
}

/** Something that contacts are about. */
export interface PeopleReason {
  readonly reason: string;
  readonly title: Readonly<Record<string, string>>;
}
