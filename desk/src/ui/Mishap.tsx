/** Keeps a mistake of ours in one part of the page from taking the rest along. */

import { Component, type ReactNode } from "react";

import { Push } from "./controls";

interface MishapProps {
  /** What is said instead, and on the button that tries again. */
  readonly words: { readonly failed: string; readonly retry: string };
  readonly children: ReactNode;
}

export class Mishap extends Component<MishapProps, { readonly error: Error | null }> {
  override state = { error: null as Error | null };

  static getDerivedStateFromError(error: Error): { readonly error: Error } {
    return { error };
  }

  override render(): ReactNode {
    const { error } = this.state;
    if (error === null) return this.props.children;
    return (
      <section className="card" role="alert">
        <p>{this.props.words.failed}</p>
        <p className="faint" lang="en" dir="ltr">
          {error.message}
        </p>
        <Push onPress={() => this.setState({ error: null })}>{this.props.words.retry}</Push>
      </section>
    );
  }
}
