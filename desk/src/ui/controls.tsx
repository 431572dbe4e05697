/** The controls that pages are made of: React Aria's, with our looks and a way to say that something was refused. */

import { useEffect, useRef, useState, type ReactNode, type RefObject } from "react";
import {
  Button,
  Checkbox,
  FieldError,
  Input,
  Label,
  ListBox,
  ListBoxItem,
  Popover,
  Select,
  SelectValue,
  TextArea,
  TextField,
  type ButtonProps,
} from "react-aria-components";

import { Refusal } from "../api/client";
import { useWords, type Language } from "../words";

type Look = "plain" | "main" | "danger" | "quiet";

interface PushProps extends Omit<ButtonProps, "children"> {
  readonly look?: Look;
  readonly children: ReactNode;
  /** Ctrl, Alt and this letter press the button, as long as it is there and can be pressed. */
  readonly shortcut?: string;
}

export function Push({ look = "plain", shortcut, children, ...props }: PushProps): ReactNode {
  const button = useRef<HTMLButtonElement>(null);
  useShortcut(shortcut, button);
  const keys = shortcut === undefined ? {} : { "aria-keyshortcuts": `Control+Alt+${shortcut}` };
  return (
    <Button {...props} {...keys} ref={button} className={`button ${look}`}>
      {children}
      {shortcut === undefined ? null : <kbd aria-hidden="true">{shortcut}</kbd>}
    </Button>
  );
}

function useShortcut(letter: string | undefined, button: RefObject<HTMLButtonElement | null>): void {
  useEffect(() => {
    if (letter === undefined) return;
    const press = (event: KeyboardEvent): void => {
      if (!event.ctrlKey || !event.altKey || event.code !== `Key${letter}`) return;
      if (button.current?.closest("[inert], [aria-hidden=true]")) return; // a dialog stands before it
      event.preventDefault();
      button.current?.click();
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, [letter, button]);
}

interface FieldProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly type?: string;
  readonly autoComplete?: string;
  readonly error?: string | undefined;
  readonly required?: boolean;
  readonly lines?: number;
  readonly autoFocus?: boolean;
  readonly onKeyDown?: (event: { key: string; ctrlKey: boolean; metaKey: boolean; preventDefault?: () => void }) => void;
}

export function Field({ label, error, required = false, lines, autoComplete, onKeyDown, ...rest }: FieldProps): ReactNode {
  const keys = onKeyDown === undefined ? {} : { onKeyDown };
  return (
    <TextField {...rest} {...keys} isRequired={required} isInvalid={error !== undefined} className="field" validationBehavior="aria">
      <Label>{label}</Label>
      {lines === undefined ? <Input autoComplete={autoComplete ?? "off"} /> : <TextArea rows={lines} dir="auto" />}
      <FieldError>{error}</FieldError>
    </TextField>
  );
}

interface ChoiceProps<K extends string> {
  readonly label: string;
  readonly options: Iterable<readonly [K, string]>;
  readonly value: K | null;
  readonly onChange: (value: K) => void;
  readonly placeholder?: string;
  readonly hideLabel?: boolean;
  readonly disabled?: boolean;
}

export function Choice<K extends string>(props: ChoiceProps<K>): ReactNode {
  const { label, options, value, onChange, placeholder, hideLabel = false, disabled = false } = props;
  return (
    <Select
      className="field"
      value={value}
      onChange={(key) => key !== null && onChange(key as K)}
      isDisabled={disabled}
      {...(placeholder === undefined ? {} : { placeholder })}
      {...(hideLabel ? { "aria-label": label } : {})}
    >
      {hideLabel ? null : <Label>{label}</Label>}
      <Button className="button select">
        <SelectValue />
        <span aria-hidden="true">▾</span>
      </Button>
      <Popover className="popover">
        <ListBox className="options">
          {[...options].map(([id, text]) => (
            <ListBoxItem key={id} id={id} className="option" textValue={text}>
              {text}
            </ListBoxItem>
          ))}
        </ListBox>
      </Popover>
    </Select>
  );
}

export function Tick({ label, on, onChange }: { readonly label: string; readonly on: boolean; readonly onChange: (on: boolean) => void }): ReactNode {
  return (
    <Checkbox className="check" isSelected={on} onChange={onChange}>
      <span className="box" aria-hidden="true">
        {on ? "✓" : ""}
      </span>
      {label}
    </Checkbox>
  );
}

/** What the configuration calls something, in the reader's language or else in the house's. */
export function titled(titles: Readonly<Record<string, string>>, language: Language): string {
  return titles[language] ?? titles["sv"] ?? Object.values(titles)[0] ?? "";
}

/** Something that is being done: whether it is under way, and why it was refused. */
export interface Doing {
  readonly busy: boolean;
  readonly trouble: string;
  readonly run: (work: () => Promise<unknown>) => Promise<boolean>;
  readonly clear: () => void;
}

export function useDoing(): Doing {
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState("");
  const words = useWords();
  return {
    busy,
    trouble,
    clear: () => setTrouble(""),
    run: async (work) => {
      setBusy(true);
      setTrouble("");
      try {
        await work();
        return true;
      } catch (error) {
        setTrouble(error instanceof Refusal ? (words.errors[error.errorId] ?? error.message) : words.house.failed);
        return false;
      } finally {
        setBusy(false);
      }
    },
  };
}

/** Says what was refused, at once to whoever listens rather than looks. */
export function Trouble({ text }: { readonly text: string }): ReactNode {
  return (
    <p role="alert" className={text === "" ? "trouble none" : "trouble"}>
      {text}
    </p>
  );
}
