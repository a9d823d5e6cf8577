using CMUNeXt.Files;

namespace CMUNeXt.Edge;

/// <summary>What the command line asks for. It is read by hand: a parser's start takes longer than an image.</summary>
internal sealed record Options
{
    public const string Help = """
        cmunext-edge IMAGE... [options]

        Segments images (PNG, JPEG, BMP): for each the mask NAME_mask.png at its own size, 0 and 255 (of several classes their
        numbers), and the findings as NAME.json.

          --output DIR     the folder for the results [default: the current folder]
          --weights FILE   a .safetensors or .pth of a CMUNeXt [default: built-in weights for breast ultrasound]
          --threshold P    a pixel belongs to the lesion where its probability is above this [default: the weights' own]
          --threads N      the number of threads [default: one for each core]
          --all            outline lesions in all images, also in those that the weights' presence threshold takes for healthy
          --overwrite      replace results that this program wrote
          --help           show this

        Exit status: 0 done; 1 an image or file failed (the others are done); 2 wrong command line.
        Research software: not a medical device, and not for diagnosis.
        """;

    public List<string> Images { get; } = [];

    public string Output { get; private set; } = ".";

    public string? Weights { get; private set; }

    public double? Threshold { get; private set; }

    public int? Threads { get; private set; }

    public bool All { get; private set; }

    public bool Overwrite { get; private set; }

    public bool HelpWanted { get; private set; }

    /// <summary>Reads the arguments.</summary>
    /// <exception cref="UsageException">Something in them is wrong.</exception>
    public static Options Parse(ReadOnlySpan<string> arguments)
    {
        Options options = new();
        bool names = false;
        for (int i = 0; i < arguments.Length; i++)
        {
            string argument = arguments[i];
            if (argument.Length == 0)
            {
                throw new UsageException("an argument is empty; name images and options");
            }

            if (names || argument[0] != '-')
            {
                options.Images.Add(argument);
                continue;
            }

            string? value = null;
            int equals = argument.IndexOf('=', StringComparison.Ordinal);
            string name = equals < 0 ? argument : argument[..equals];
            switch (name)
            {
                case "--" when equals < 0:
                    names = true;
                    break;
                case "--help" or "-h" or "-?" when equals < 0:
                    options.HelpWanted = true;
                    break;
                case "--all" when equals < 0:
                    options.All = true;
                    break;
                case "--overwrite" when equals < 0:
                    options.Overwrite = true;
                    break;
                case "--output" or "--weights" or "--threshold" or "--threads":
                    value = equals >= 0 ? argument[(equals + 1)..]
                        : ++i < arguments.Length ? arguments[i]
                        : throw new UsageException($"{name} needs a value");
                    options.Take(name, value);
                    break;
                default:
                    throw new UsageException($"there is no option {argument}");
            }
        }

        return options.Images.Count > 0 || options.HelpWanted ? options : throw new UsageException("name at least one image");
    }

    private void Take(string name, string value)
    {
        switch (name)
        {
            case "--output":
                Output = value.Length > 0 ? value : throw new UsageException("--output is the name of a folder");
                break;
            case "--weights":
                Weights = value.Length > 0 ? value : throw new UsageException("--weights is the name of a file");
                break;
            case "--threshold":
                Threshold = Number.TryParse(value, out double threshold) && threshold is > 0 and < 1
                    ? threshold
                    : throw new UsageException($"--threshold is above 0 and below 1, not {value}");
                break;
            default:
                Threads = Number.TryParse(value, out int threads) && threads is >= 1 and <= 1024
                    ? threads
                    : throw new UsageException($"--threads is from 1 to 1024, not {value}");
                break;
        }
    }
}

/// <summary>The command line alone shows that something is wrong; the message is one sentence.</summary>
internal sealed class UsageException(string message) : Exception(message);
