using System.Globalization;

namespace CMUNeXt.Files;

/// <summary>The header of an .npy file: a Python dictionary of three members, written as text.</summary>
/// <param name="Type">The type as NumPy writes it, such as <c>&lt;f4</c>.</param>
/// <param name="FortranOrder">Whether the first index runs fastest.</param>
/// <param name="Shape">The dimensions.</param>
internal sealed record NpyHeader(string Type, bool FortranOrder, int[] Shape)
{
    /// <summary>Parses the text; every member stands once, and nothing else may.</summary>
    /// <exception cref="BadFileException">The text is anything else.</exception>
    public static NpyHeader Parse(string path, string text)
    {
        Reader reader = new(path, text);
        string? type = null;
        bool? fortranOrder = null;
        int[]? shape = null;
        reader.Take('{');
        while (!reader.TryTake('}'))
        {
            string name = reader.Text();
            reader.Take(':');
            if (name == "descr" && type is null)
            {
                type = reader.Text();
            }
            else if (name == "fortran_order" && fortranOrder is null)
            {
                fortranOrder = reader.Boolean();
            }
            else if (name == "shape" && shape is null)
            {
                shape = reader.Numbers();
            }
            else
            {
                throw reader.Bad();
            }

            if (!reader.TryTake(','))
            {
                reader.Take('}');
                break;
            }
        }

        reader.End();
        return type is not null && fortranOrder is not null && shape is not null
            ? new NpyHeader(type, fortranOrder.Value, shape)
            : throw reader.Bad();
    }

    private sealed class Reader(string path, string text)
    {
        private int place;

        public BadFileException Bad() =>
            new(path, "its .npy header is not a dictionary of descr, fortran_order and shape for a plain array; write it with numpy.save");

        public bool TryTake(char c)
        {
            SkipSpaces();
            if (place < text.Length && text[place] == c)
            {
                place++;
                return true;
            }

            return false;
        }

        public void Take(char c)
        {
            if (!TryTake(c))
            {
                throw Bad();
            }
        }

        // No name or type of a plain array needs a backslash; every character is printable ASCII.
        public string Text()
        {
            char quote = TryTake('\'') ? '\'' : '"';
            if (quote == '"')
            {
                Take('"');
            }

            int end = text.IndexOf(quote, place);
            ReadOnlySpan<char> found = end < 0 ? [] : text.AsSpan(place, end - place);
            if (found.IsEmpty || found.Length > 32 || found.Contains('\\') || found.ContainsAnyExceptInRange(' ', '~'))
            {
                throw Bad();
            }

            place = end + 1;
            return found.ToString();
        }

        public bool Boolean()
        {
            SkipSpaces();
            foreach ((string word, bool value) in new[] { ("True", true), ("False", false) })
            {
                if (text.AsSpan(place).StartsWith(word, StringComparison.Ordinal))
                {
                    place += word.Length;
                    return value;
                }
            }

            throw Bad();
        }

        public int[] Numbers()
        {
            List<int> numbers = [];
            Take('(');
            while (!TryTake(')'))
            {
                SkipSpaces();
                int start = place;
                while (place < text.Length && char.IsAsciiDigit(text[place]))
                {
                    place++;
                }

                if (!int.TryParse(text.AsSpan(start, place - start), NumberStyles.None, CultureInfo.InvariantCulture, out int number))
                {
                    throw Bad();
                }

                numbers.Add(number);
                if (!TryTake(','))
                {
                    Take(')');
                    break;
                }
            }

            return [.. numbers];
        }

        public void End()
        {
            SkipSpaces();
            if (place != text.Length)
            {
                throw Bad();
            }
        }

        private void SkipSpaces()
        {
            while (place < text.Length && text[place] is ' ' or '\n' or '\t')
            {
                place++;
            }
        }
    }
}
