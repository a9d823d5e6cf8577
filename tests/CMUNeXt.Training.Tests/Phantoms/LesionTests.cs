using CMUNeXt.Training.Phantoms;

namespace CMUNeXt.Training.Tests.Phantoms;

public sealed class LesionTests
{
    [Fact]
    public void The_reach_holds_the_whole_lesion_and_every_contour_occurs()
    {
        HashSet<LesionContour> contours = [];
        for (int index = 0; index < 40; index++)
        {
            Lesion lesion = Lesion.Create(new PhantomRandom(3, index), 200, 160);
            contours.Add(lesion.Contour);
            (int left, int top, int right, int bottom) = lesion.Reach(200, 160);
            int inside = 0;
            for (int y = 0; y < 160; y++)
            {
                for (int x = 0; x < 200; x++)
                {
                    if (lesion.RelativeRadius(x + 0.5, y + 0.5) < 1)
                    {
                        inside++;
                        Assert.True(x >= left && x < right && y >= top && y < bottom);
                    }
                }
            }

            Assert.NotEqual(0, inside);
        }

        Assert.Equal(Enum.GetValues<LesionContour>().Length, contours.Count);
    }
}
