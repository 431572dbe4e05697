/** The language of the page: chosen by whoever reads, remembered by the browser. */

import { createContext, useContext, useEffect, useMemo, useState, type ReactNode } from "react";
import { I18nProvider } from "react-aria-components";

import { ar } from "./ar";
import { en, type Words } from "./en";
import { fi } from "./fi";
import { sv } from "./sv";

export type { Words };

export const LANGUAGES = { sv: "Svenska", en: "English", fi: "Suomi", ar: "العربية" } as const;
export type Language = keyof typeof LANGUAGES;

const WORDS: Record<Language, Words> = { sv, en, fi, ar };
const LOCALES: Record<Language, string> = { sv: "sv-SE", en: "en-GB", fi: "fi-FI", ar: "ar-SA-u-nu-latn-ca-gregory" };
const KEPT = "vaxel.language";

interface Tongue {
  readonly language: Language;
  readonly locale: string;
  readonly words: Words;
  readonly choose: (language: Language) => void;
}

const Context = createContext<Tongue | null>(null);

export function Tongues({ children }: { readonly children: ReactNode }): ReactNode {
  const [language, choose] = useState<Language>(first);
  const locale = LOCALES[language];
  useEffect(() => {
    localStorage.setItem(KEPT, language);
    document.documentElement.lang = language;
    document.documentElement.dir = language === "ar" ? "rtl" : "ltr";
  }, [language]);
  const tongue = useMemo(() => ({ language, locale, words: WORDS[language], choose }), [language, locale]);
  return (
    <Context value={tongue}>
      <I18nProvider locale={locale}>{children}</I18nProvider>
    </Context>
  );
}

export function useTongue(): Tongue {
  const tongue = useContext(Context);
  if (tongue === null) throw new Error("there are no words here");
  return tongue;
}

export function useWords(): Words {
  return useTongue().words;
}

/** How long something lasts or has lasted, as on a clock: 3:07, 1:02:33. */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (n: number): string => String(n).padStart(2, "0");
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

function first(): Language {
  const asked = [new URLSearchParams(location.search).get("language"), localStorage.getItem(KEPT), ...navigator.languages];
  const known = asked.map((one) => one?.slice(0, 2)).find((one) => one !== undefined && one in LANGUAGES);
  return (known as Language | undefined) ?? "sv";
}
