"""What an import is asked with: a file, or rows that are pasted."""

from django import forms

from tasks.csv_import.reading import MOST_BYTES, MOST_ROWS

EXAMPLE = "Title,Assignee,Due\nCall the bank,bob,2026-12-31"


class FileForm(forms.Form):
    file = forms.FileField(
        required=False,
        label="CSV file",
        allow_empty_file=True,
        help_text=f"Up to {MOST_ROWS:,} rows and {MOST_BYTES // 1000} kB, as spreadsheets and other trackers write it.",
        widget=forms.FileInput({"accept": ".csv,.tsv,.txt,text/csv"}),
    )
    pasted = forms.CharField(
        required=False,
        strip=False,
        label="Or paste the rows",
        widget=forms.Textarea(
            {
                "rows": 8,
                "spellcheck": "false",
                "placeholder": EXAMPLE,
            }
        ),
    )
